-- See 0078.
ALTER TABLE admin_actions
  ADD INDEX admin_actions_target_admin (target_id, admin_id, seq), ALGORITHM = INPLACE, LOCK = NONE
