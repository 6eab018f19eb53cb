"""Case studies: transcripts of several entries side by side."""
