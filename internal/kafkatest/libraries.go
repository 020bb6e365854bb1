package kafkatest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// Version is the version of Apache Kafka that is started. It must be the same in pom.xml.
const Version = "4.4.0"

//go:embed pom.xml
var pom []byte

const fetchTimeout = 10 * time.Minute

// fetching lets one goroutine of this process run Maven; the others then find what it fetched.
var fetching sync.Mutex

// fetchLibraries makes dir the directory of Kafka's jars. The directory is filled under another
// name first, so it appears complete or not at all, and can be used as soon as it exists. If two
// processes fetch at the same time, the second discards its copy.
func fetchLibraries(ctx context.Context, dir string, log logf) error {
	fetching.Lock()
	defer fetching.Unlock()
	if isDir(dir) {
		return nil
	}
	mvn, err := findMaven()
	if err != nil {
		return err
	}
	log("fetching Kafka %s with Maven into %s (once)", Version, dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("kafkatest: cache: %w", err)
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+"-fetch-*")
	if err != nil {
		return fmt.Errorf("kafkatest: cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()

	libs := filepath.Join(work, "libs")
	if err := copyDependencies(ctx, mvn, work, libs); err != nil {
		if isDir(dir) {
			return nil
		}
		return err
	}
	if err := os.Rename(libs, dir); err != nil && !isDir(dir) {
		return fmt.Errorf("kafkatest: cache: %w", err)
	}
	return nil
}

// copyDependencies makes Maven fill libs. Wrong checksums are errors (-C).
func copyDependencies(ctx context.Context, mvn, work, libs string) error {
	file := filepath.Join(work, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return fmt.Errorf("kafkatest: cache: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, fetchTimeout,
		fmt.Errorf("no end after %v", fetchTimeout))
	defer cancel()
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "-C", "-f", file,
		"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+libs)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("kafkatest: Maven could not fetch Kafka %s: %w\n%s", Version, err,
			lastLines(out))
	}
	if jar := filepath.Join(libs, "kafka_2.13-"+Version+".jar"); !exists(jar) {
		return fmt.Errorf("kafkatest: Maven ended well, but there is no %s", filepath.Base(jar))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
