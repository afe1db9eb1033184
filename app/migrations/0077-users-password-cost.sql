ALTER TABLE users ADD INDEX users_password_cost (password_hash(32)), ALGORITHM = INPLACE, LOCK = NONE
