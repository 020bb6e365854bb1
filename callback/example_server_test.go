package callback_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// How does an HTTP server end without losing events? ListenAndServe returns as soon as Shutdown is
// called, while handlers are still running. So wait for the server's Shutdown first, and shut down
// the client after it.
func Example_httpServer() {
	client, err := callback.New(callback.Config{
		Sender: callbacktest.NewRecorder(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	started := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, run := client.StartRunContext(r.Context(), callback.RunInfo{})
		close(started)
		time.Sleep(20 * time.Millisecond) // the server is told to shut down meanwhile
		run.End(nil)
		fmt.Fprint(w, "done")
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	answer := make(chan string)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		answer <- string(text)
	}()
	<-started // in a program: <-ctx.Done() of signal.NotifyContext with os.Interrupt and SIGTERM

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil { // waits for the handlers
		log.Print(err)
	}
	report, err := client.Shutdown(ctx) // nobody emits any more
	fmt.Println(<-answer, report.Emitted, report.Complete(), err)
	// Output: done 2 true <nil>
}
