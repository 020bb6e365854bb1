package kafkatest

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary acts as Java and Maven when it is run under their names, so that Start is tested
// with real processes in milliseconds. fakeTools puts it on PATH.
const (
	fakeVersion  = "KAFKATEST_FAKE_JAVA_VERSION" // what java -version prints; default "17.0.1"
	fakeBehavior = "KAFKATEST_FAKE_BEHAVIOR"
)

// Possible values of fakeBehavior. Without it, brokers serve until they are told to end.
const (
	dies        = "dies"         // a broker prints its last words and exits
	alone       = "alone"        // a broker knows only itself
	mute        = "mute"         // a broker accepts connections and does not respond
	slow        = "slow"         // a broker has opened its plaintext listener only
	formatFails = "format-fails" // the storage tool fails
	mavenFails  = "maven-fails"  // Maven prints an error
	mavenEmpty  = "maven-empty"  // Maven succeeds, but has fetched something else
	// Maven succeeds after another process has put the libraries in place
	mavenLate = "maven-late"
	// not a broker: a program that starts one and waits to be killed; prints the broker's pid
	starter = "starter"
)

func TestMain(m *testing.M) {
	switch name := filepath.Base(os.Args[0]); {
	case name == "java":
		fakeJava(os.Args[1:])
	case name == "mvn":
		fakeMaven(os.Args[1:])
	case os.Getenv(fakeBehavior) == starter:
		fakeStarter()
	default:
		os.Exit(m.Run())
	}
}

// fakeTools puts the fakes, and only them, on PATH, and gives the test a cache directory of its
// own. It returns the library directory in it, which is filled if cached is set.
func fakeTools(t *testing.T, cached bool) (libs string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs links to the test binary, which Windows may refuse to make")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, cache := t.TempDir(), t.TempDir()
	for _, name := range []string{"java", "mvn"} {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{
		"PATH":           bin + ":/bin:/usr/bin",
		"JAVA_HOME":      "",
		"XDG_CACHE_HOME": cache,
		"HOME":           cache,
		fakeBehavior:     "",
		fakeVersion:      "",
		"GORACE":         "atexit_sleep_ms=0", // otherwise a second for each fake
	} {
		t.Setenv(name, value)
	}
	libs, err = libraryDir()
	if err != nil {
		t.Fatal(err)
	}
	if cached {
		if err := os.MkdirAll(libs, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return libs
}

func fakeJava(args []string) {
	last := args[len(args)-1]
	switch {
	case last == "-version":
		version := os.Getenv(fakeVersion)
		if version == "" {
			version = "17.0.1"
		}
		fmt.Fprintf(os.Stderr, "Picked up JAVA_TOOL_OPTIONS: -Dversion=1\nopenjdk version %q "+
			"2025-01-01\n", version)
	case slices.Contains(args, "kafka.tools.StorageTool"):
		if os.Getenv(fakeBehavior) == formatFails {
			fmt.Println("the data cannot be formatted")
			os.Exit(1)
		}
	default:
		fakeBroker(last)
	}
}

// fakeBroker serves metadata on the addresses in a configuration file. It ends after a minute,
// whatever happens to the test.
func fakeBroker(file string) {
	settings, err := readProperties(file)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ids := []int32{}
	for voter := range strings.SplitSeq(settings["controller.quorum.voters"], ",") {
		ids = append(ids, int32(voter[0]-'0'))
	}
	switch os.Getenv(fakeBehavior) {
	case dies:
		fmt.Println("java.lang.Exception: last words\n\tat " +
			"kafka.Kafka.main(Kafka.scala:1)\n\t... 6 more\nCaused by: despair")
		os.Exit(1)
	case alone:
		ids = []int32{int32(settings["node.id"][0] - '0')}
	case mute:
		ids = nil
	}
	for listener := range strings.SplitSeq(settings["advertised.listeners"], ",") {
		_, addr, _ := strings.Cut(listener, "://")
		l, err := net.Listen("tcp", addr)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		go serveMetadata(l, ids)
		if os.Getenv(fakeBehavior) == slow {
			break
		}
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	select {
	case <-term:
	case <-time.After(time.Minute):
	}
}

func readProperties(file string) (map[string]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	settings := make(map[string]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "=")
		settings[name] = value
	}
	return settings, nil
}

// serveMetadata answers one request per connection with brokers of these ids; without ids, it does
// not respond.
func serveMetadata(l net.Listener, ids []int32) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			request := make([]byte, len(metadataRequest))
			if _, err := io.ReadFull(conn, request); err != nil {
				return
			}
			if len(ids) == 0 {
				_, _ = conn.Read(request)
				return
			}
			body := metadataAnswer(ids)
			_, _ = conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))),
				body...))
		}()
	}
}

// metadataAnswer is a broker's response to metadataRequest, without the size.
func metadataAnswer(ids []int32) []byte {
	body := []byte{0, 0, 0, 1}
	body = binary.BigEndian.AppendUint32(body, uint32(len(ids)))
	for _, id := range ids {
		body = binary.BigEndian.AppendUint32(body, uint32(id))
		body = append(body, 0, 9)
		body = append(body, "127.0.0.1"...)
		body = append(body, 0, 0, 0x23, 0x84) // port 9092
		body = append(body, 0xff, 0xff)       // no rack
	}
	return append(body, 0, 0, 0, 1, 0, 0, 0, 0) // the controller, and no topics
}

func fakeMaven(args []string) {
	const option = "-DoutputDirectory="
	for _, arg := range args {
		dir, ok := strings.CutPrefix(arg, option)
		if !ok {
			continue
		}
		name := "kafka_2.13-" + Version + ".jar"
		switch os.Getenv(fakeBehavior) {
		case mavenFails:
			fmt.Println("[ERROR] no route to the repository")
			os.Exit(1)
		case mavenEmpty:
			name = "something-else.jar"
		case mavenLate:
			other := filepath.Join(dir, "..", "..", "kafka-"+Version, "from-the-other-process.jar")
			if os.Mkdir(filepath.Dir(other), 0o755) != nil ||
				os.WriteFile(other, nil, 0o644) != nil {
				os.Exit(1)
			}
		}
		if err := os.MkdirAll(dir, 0o755); err == nil {
			err = os.WriteFile(filepath.Join(dir, name), nil, 0o644)
			if err == nil {
				return
			}
		}
	}
	os.Exit(1)
}

// fakeStarter starts a broker that is not detached, prints its process id, and waits for it to end.
func fakeStarter() {
	_ = os.Setenv(fakeBehavior, "")
	cluster, err := Start(context.Background(), Options{Dir: os.Getenv("KAFKATEST_FAKE_DIR")})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	pid, err := cluster.PID(1)
	fmt.Println(pid, err)
	<-time.After(time.Minute)
}
