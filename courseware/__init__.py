"""Courseware for customer-service work: textbook, practice CRM, quizzes, grading and mastery."""

__version__ = "0.1.0"
