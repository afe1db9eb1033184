-- Orders by status, newest first, for operators: cancelled ones are few among many.
ALTER TABLE orders ADD KEY orders_status (status, id)
