package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// minJava is the oldest Java version that runs Kafka 4.
const minJava = 17

// installation is what is needed to run a broker on this machine.
type installation struct {
	java string // path of the java program
	libs string // directory with Kafka's jars, and nothing else
}

// install finds Java, and fetches Kafka's libraries unless an earlier call has done so.
func install(ctx context.Context, log logf) (installation, error) {
	java, err := findJava(ctx)
	if err != nil {
		return installation{}, err
	}
	cache, err := libraryDir()
	if err != nil {
		return installation{}, err
	}
	if err := fetchLibraries(ctx, cache, log); err != nil {
		return installation{}, err
	}
	return installation{java: java, libs: cache}, nil
}

// Available reports whether Start can work on this machine. It returns nil if there is Java 17 or
// newer and either Kafka's libraries are in the cache already or Maven is available to fetch them.
// Otherwise its error says what is missing. It starts nothing and fetches nothing, so a test can
// use the error as its reason to skip.
func Available() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := findJava(ctx); err != nil {
		return err
	}
	cache, err := libraryDir()
	if err != nil {
		return err
	}
	if isDir(cache) {
		return nil
	}
	_, err = findMaven()
	return err
}

// findJava returns the java program of JAVA_HOME, or of PATH if that is not set, after it has
// printed its version.
func findJava(ctx context.Context) (string, error) {
	path, err := javaPath()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, "-version")
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("kafkatest: %s -version: %w: %s", path, err,
			strings.TrimSpace(string(out)))
	}
	switch major := javaMajor(string(out)); {
	case major == 0:
		return "", fmt.Errorf("kafkatest: %s -version names no version: %s", path,
			strings.TrimSpace(string(out)))
	case major < minJava:
		return "", fmt.Errorf("kafkatest: %s is Java %d, Kafka %s needs %d or newer", path, major,
			Version, minJava)
	}
	return path, nil
}

func javaPath() (string, error) {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		path, err := exec.LookPath(filepath.Join(home, "bin", "java"))
		if err != nil {
			return "", fmt.Errorf("kafkatest: JAVA_HOME=%s holds no Java: %w", home, err)
		}
		return path, nil
	}
	path, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("kafkatest: no java (Kafka %s needs %d or newer; "+
			"on Debian: apt-get install default-jre-headless): %w", Version, minJava, err)
	}
	return path, nil
}

var javaVersion = regexp.MustCompile(`version "(\d+)(?:\.(\d+))?`)

// javaMajor returns the major version in the output of "java -version", 0 if there is none. Up to
// Java 8 it is the second number ("1.8.0_402").
func javaMajor(output string) int {
	m := javaVersion.FindStringSubmatch(output)
	if m == nil {
		return 0
	}
	number := m[1]
	if number == "1" && m[2] != "" {
		number = m[2]
	}
	major, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return major
}

func findMaven() (string, error) {
	path, err := exec.LookPath("mvn")
	if err != nil {
		return "",
			fmt.Errorf("kafkatest: no mvn to fetch Kafka %s with (on Debian: apt-get install "+
				"maven): %w", Version, err)
	}
	return path, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// libraryDir is the directory of the libraries, whether they have been fetched or not.
func libraryDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", errors.Join(errors.New("kafkatest: no directory to keep Kafka's libraries in"),
			err)
	}
	return filepath.Join(cache, "dashstream-go", "kafka-"+Version), nil
}
