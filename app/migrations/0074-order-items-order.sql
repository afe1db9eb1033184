-- See 0073.
ALTER TABLE order_items DROP FOREIGN KEY order_items_order
