"""Reports that people subscribe to: schedules, and the files that were made by them."""
