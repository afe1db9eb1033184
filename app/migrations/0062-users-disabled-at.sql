-- When an owner disabled this admin, who can then not log in; NULL otherwise.
ALTER TABLE users ADD COLUMN disabled_at DATETIME(3) NULL
