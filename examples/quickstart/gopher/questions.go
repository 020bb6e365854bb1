package gopher

// Questions are some that it can answer.
var Questions = []string{
	"How do I make a random number that nobody can guess?",
	"How do I stop a goroutine when a context is canceled?",
	"How do I read a file line by line?",
	"How can I limit how long an HTTP request takes?",
	"What is the difference between a buffered reader and a scanner?",
	"How do I encode a struct as JSON without escaping HTML?",
	"How do I wait for several goroutines to finish?",
	"How do I sort a slice of structs by a field?",
	"How do I compare two errors that are wrapped?",
	"How do I format a time as RFC 3339?",
	"How do I walk a directory tree?",
	"How do I write a fuzz test?",
}
