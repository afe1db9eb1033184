-- See 0078.
ALTER TABLE admin_actions
  ADD INDEX admin_actions_target_admin_action (target_id, admin_id, action, seq),
  ALGORITHM = INPLACE, LOCK = NONE
