//go:build !race

package dashotel_test

const raced = false
