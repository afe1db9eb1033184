-- The order of an idempotency key, for operators, who do not know its customer.
ALTER TABLE orders ADD KEY orders_key (idempotency_key, id)
