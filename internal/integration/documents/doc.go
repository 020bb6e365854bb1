// Package documents compiles and runs the Go code of all Markdown documents.
//
// A block that has a package clause is a program, or a test if it has a function Test…; any other
// is the body of a function main, or declarations beside it. Packages are imported by their names,
// see imports. Names that a reader knows from the text around a block, such as client and ctx, are
// declared in given.txt; a block's own variables win over them.
//
// A comment on the line before a block changes that:
//
//	<!-- go: var k = 5 -->                     declares more for this block
//	<!-- go: compiled only: it never ends -->  the block is not run, for this reason
//	<!-- go: skipped: pseudo code -->          the block is not compiled either
package documents
