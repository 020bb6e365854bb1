// Package modelclients tests dashhttp with the official clients of OpenAI and Anthropic, which
// bring more modules than the core may and take minutes to compile.
package modelclients
