export { startS3 } from "./s3/s3-server.js";
export type { OpenUpload, S3Fault, S3Request, S3Server, StartS3Options } from "./s3/s3-server.js";
