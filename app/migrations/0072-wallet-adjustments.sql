-- ADJUSTMENT: an owner has corrected the balance. Like a charge it belongs to no order.
ALTER TABLE wallet_entries MODIFY COLUMN kind ENUM('CHARGE', 'PAYMENT', 'REFUND', 'ADJUSTMENT') NOT NULL
