package callback

// RaceEnabled reports whether the race detector is on.
const RaceEnabled = raceEnabled

// AnswerBytes returns the memory that streamed answers take.
func AnswerBytes(c *Client) int64 { return c.answers.bytes.Load() }
