-- Since when a job of kind WORK has been one: the upload was completed, or the image was removed. due_at is put off by
-- every try. Empty in rows of the release before this one.
ALTER TABLE image_jobs ADD COLUMN waiting_since DATETIME(3) NULL
