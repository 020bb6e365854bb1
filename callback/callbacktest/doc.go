// Package callbacktest helps to test what writes or reads DashStream.
//
// [Checker] takes the records of a topic and says where they break the rules that readers rely on.
package callbacktest
