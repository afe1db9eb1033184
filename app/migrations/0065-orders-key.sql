-- Replaces orders_idempotency: with the key first it also serves operators, who do not know the customer.
ALTER TABLE orders ADD UNIQUE KEY orders_key (idempotency_key, user_id)
