//go:build !race

package statediff

const fewer = false
