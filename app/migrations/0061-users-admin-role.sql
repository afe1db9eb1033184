-- What an admin may do; counts only while role is 'admin'. Existing admins, and those that the previous
-- release creates during a rolling deployment, may do everything, as until now.
ALTER TABLE users ADD COLUMN admin_role ENUM('viewer', 'operator', 'owner') NOT NULL DEFAULT 'owner'
