-- The list of admins, who are few among many customers, and the lock on the owners among them.
ALTER TABLE users ADD KEY users_role (role, id)
