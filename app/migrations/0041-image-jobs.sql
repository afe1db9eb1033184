-- What is left to do for an image, and from when on. WORK is for any worker at once: what it is depends on the status of
-- the image. EXPIRE is for the sweeper: an upload that nobody has completed, or that was refused, is forgotten.
-- due_at is also the end of a claim. An image with nothing left to do has no row.
CREATE TABLE IF NOT EXISTS image_jobs (
  image_id BINARY(16) NOT NULL,
  kind ENUM('WORK', 'EXPIRE') NOT NULL,
  due_at DATETIME(3) NOT NULL,
  attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
  announced_by BINARY(16) NULL,
  rejected_for VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (image_id),
  KEY image_jobs_due (kind, due_at),
  CONSTRAINT image_jobs_image FOREIGN KEY (image_id) REFERENCES product_images (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci
