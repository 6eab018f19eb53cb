"""The leaderboard: results on disk to columns, ranks, pages and downloads."""
