export {
  chooseSandbox,
  SANDBOX_MODES,
  type Sandbox,
  sandboxByDefault,
} from "./choose-sandbox.ts";
export { exitOf } from "./exit.ts";
export { closeInheritedDescriptors } from "./inherited-descriptors.ts";
export { killTool } from "./kill-tool.ts";
export { INPUT_URL, LIMITED_TOOL_PATH } from "./launch.ts";
export type { Tool } from "./tool-path.ts";
