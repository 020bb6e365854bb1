package callback

// RaceEnabled says whether the race detector watches.
const RaceEnabled = raceEnabled

// AnswerBytes is the memory that streamed answers take.
func AnswerBytes(c *Client) int64 { return c.answers.bytes.Load() }
