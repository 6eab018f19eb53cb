"""What can be known of a patient: sentences of a case, and what they are about."""
