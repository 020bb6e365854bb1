package callback

// RaceEnabled says whether the race detector watches.
const RaceEnabled = raceEnabled
