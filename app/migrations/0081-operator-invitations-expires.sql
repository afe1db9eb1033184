-- The list of open invitations, without those that expired and were never accepted: they stay in the table.
ALTER TABLE operator_invitations
  ADD INDEX operator_invitations_expires (expires_at), ALGORITHM = INPLACE, LOCK = NONE
