"""What a known publisher's template tells: the story's element, departures from it, labels of its blocks."""
