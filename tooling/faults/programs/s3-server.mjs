// node s3-server.mjs: an S3 server for as long as its standard input is open; prints where it is, as a storage URL.
import { startS3 } from "@infra/testing/s3";

const server = await startS3();
process.stdout.write(`${server.storageUrl}\n`);
process.stdin.resume().once("close", () => void server.stop());
process.stdin.once("end", () => process.stdin.destroy());
