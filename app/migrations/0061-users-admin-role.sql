-- What an admin may do; counts only while role is 'admin'. Admins of before, and those that the release before this one
-- makes during a rolling deployment, may do everything, as until now.
ALTER TABLE users ADD COLUMN admin_role ENUM('viewer', 'operator', 'owner') NOT NULL DEFAULT 'owner'
