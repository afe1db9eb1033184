-- What the product list is filtered and sorted by, a row a product, so that an index gives a page whole: price and
-- status as in products, in_stock as product_stock has it, name cut for sorting, search_name as search-words.ts makes
-- it. Written in the transactions that change those; reconcile-listing.ts mends what was written past them.
CREATE TABLE IF NOT EXISTS product_listing (
  product_id BINARY(16) NOT NULL,
  listed TINYINT NOT NULL,
  in_stock TINYINT NOT NULL,
  price BIGINT NOT NULL,
  name VARCHAR(64) NOT NULL,
  search_name VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  product_version BIGINT NOT NULL,
  search_version INT NOT NULL,
  PRIMARY KEY (product_id),
  KEY listing_newest (listed, product_id, price),
  KEY listing_newest_in_stock (listed, in_stock, product_id, price),
  KEY listing_price (listed, price, product_id),
  KEY listing_price_in_stock (listed, in_stock, price, product_id),
  KEY listing_name (listed, name, product_id, price),
  KEY listing_name_in_stock (listed, in_stock, name, product_id, price)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
