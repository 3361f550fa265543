import { storageService } from "./s3-storage-provider.js";

const fileId = await storageService.storeFile({
  key: "greetings/hello.txt",
  content: "hello, world",
  provider: "s3",
});
console.log(
  `${fileId}: ${String(await storageService.getFileContent(fileId, { provider: "s3" }))}`,
);
await storageService.stop();
