-- The orders of a product, newest first, for operators.
ALTER TABLE order_items ADD KEY order_items_product (product_id, order_id)
