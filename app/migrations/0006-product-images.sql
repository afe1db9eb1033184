CREATE TABLE IF NOT EXISTS product_images (
  id BINARY(16) NOT NULL,
  product_id BINARY(16) NOT NULL,
  status ENUM('PENDING', 'PROCESSING', 'READY', 'REJECTED') NOT NULL,
  object_key VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  content_type VARCHAR(50) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  size_bytes INT UNSIGNED NOT NULL,
  sha256 BINARY(32) NOT NULL,
  variants VARCHAR(2000) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (id),
  KEY product_images_product (product_id, status, id),
  CONSTRAINT product_images_product FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
