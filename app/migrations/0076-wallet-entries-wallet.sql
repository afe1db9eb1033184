-- See 0073.
ALTER TABLE wallet_entries DROP FOREIGN KEY wallet_entries_wallet
