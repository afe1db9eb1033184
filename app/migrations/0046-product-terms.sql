-- Every ending of every word of a product's name: "begins with" on it is "contains" on the name, for any script.
CREATE TABLE IF NOT EXISTS product_terms (
  term VARCHAR(12) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  product_id BINARY(16) NOT NULL,
  PRIMARY KEY (term, product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
