-- The restocks of a cancelled order.
ALTER TABLE stock_entries ADD KEY stock_entries_order (order_id)
