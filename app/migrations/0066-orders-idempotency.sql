-- orders_key is unique over the same columns.
ALTER TABLE orders DROP KEY orders_idempotency
