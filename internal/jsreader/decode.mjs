// The worker: it decodes values of records with protobufjs and passes the decoded messages on, as
// browsers do to keep their page responsive. What is passed on is a plain object of the fields that
// were on the wire: protobufjs has the defaults of the others on its prototypes, which stay behind.
import { parentPort, workerData } from "node:worker_threads";
import { createRequire } from "node:module";

const protobuf = createRequire(workerData.modules)("protobufjs");
const type = protobuf
	.parse(workerData.proto)
	.root.lookupType("dashstream.v1.DashStreamMessage");

parentPort.on("message", (value) => {
	if (value === null) return parentPort.postMessage(null); // the end of a stream
	if (value === "end") return parentPort.close();
	try {
		if (value[0] !== 0) throw new Error(`framing byte ${value[0]}`);
		parentPort.postMessage(type.decode(value.subarray(1)));
	} catch (error) {
		parentPort.postMessage({ undecodable: String(error.message ?? error) });
	}
});
