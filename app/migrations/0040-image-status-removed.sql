-- REMOVED: an admin has deleted the image, it is shown no more, and objects of it may be left.
ALTER TABLE product_images
  MODIFY COLUMN status ENUM('PENDING', 'PROCESSING', 'READY', 'REJECTED', 'REMOVED') NOT NULL
