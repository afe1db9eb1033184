-- Products of before can be listed at once; search_version 0 tells the worker to make them searchable.
INSERT IGNORE INTO product_listing
  (product_id, listed, in_stock, price, name, search_name, product_version, search_version)
SELECT p.id, p.status = 'ACTIVE', s.quantity > 0, p.price, LEFT(p.name, 64), LOWER(p.name), p.version, 0
FROM products p JOIN product_stock s ON s.product_id = p.id
