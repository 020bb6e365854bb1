// Package dashhttp tests the adapter of that name with the official clients of OpenAI and
// Anthropic, which bring more modules than the core may.
package dashhttp
