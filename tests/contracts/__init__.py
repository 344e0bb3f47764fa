"""What holds across the rooms: who may import whom, what is packed, what documents say beside what code does."""
