ALTER TABLE products ADD CONSTRAINT products_sale_window_is_a_window CHECK (sale_from < sale_until)
