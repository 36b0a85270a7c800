// A few edits of fixed strength, for the demo, the tests and evaluate:clips, as ffmpeg arguments between the input
// and the output. The edits that a labelled set is made of stand in copies/edits.

export interface Edit {
  name: string;
  extension: "mp4" | "mkv" | "ts";
  /** Options before `-i`. */
  before?: (durationS: number) => string[];
  /** Options after it. */
  after: string[];
  /** Shortest video that the edit makes sense for, seconds. */
  minS?: number;
}

const encode = (crf: number) => [
  "-c:v",
  "libx264",
  "-preset",
  "veryfast",
  "-crf",
  String(crf),
  "-c:a",
  "aac",
];
const filtered = (filter: string, crf = 28) => ["-vf", filter, ...encode(crf)];
const even = "trunc(iw/2)*2:trunc(ih/2)*2";

export const EDITS = {
  remuxed: {
    name: "remuxed",
    extension: "mkv",
    after: ["-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1"],
  },
  reencoded: { name: "re-encoded", extension: "mp4", after: filtered("scale=-2:240", 32) },
  excerpt: {
    name: "excerpt",
    extension: "mp4",
    before: (durationS) => [
      "-ss",
      (0.3 * durationS + 0.37).toFixed(2),
      "-t",
      Math.max(3.5, 0.35 * durationS).toFixed(2),
    ],
    after: encode(28),
    minS: 6,
  },
  faster: {
    name: "1.25 times faster",
    extension: "mp4",
    after: ["-an", ...filtered("setpts=PTS/1.25")],
    minS: 6,
  },
  grey: { name: "greyscale", extension: "mp4", after: filtered("hue=s=0") },
  darker: { name: "darker", extension: "mp4", after: filtered("eq=brightness=-0.12:contrast=0.8") },
  logo: {
    name: "logo",
    extension: "mp4",
    after: filtered("drawbox=x=iw*0.05:y=ih*0.05:w=iw*0.22:h=ih*0.15:color=red:t=fill"),
  },
  cropped: { name: "cropped to 90 %", extension: "mp4", after: filtered(`crop=iw*0.9:ih*0.9,scale=${even}`) },
  letterboxed: {
    name: "letterboxed",
    extension: "mp4",
    after: filtered(`pad=iw:ih*1.25:0:(oh-ih)/2,scale=${even}`),
  },
  mirrored: { name: "mirrored", extension: "mp4", after: filtered("hflip") },
} as const satisfies Record<string, Edit>;

export type EditName = keyof typeof EDITS;

/** ffmpeg's whole argument list for one edit. */
export function editArguments(edit: Edit, input: string, output: string, durationS: number): string[] {
  const before = edit.before?.(durationS) ?? [];
  return ["-nostdin", "-v", "error", "-y", ...before, "-i", input, ...edit.after, output];
}

/** ffmpeg's arguments for five seconds of `source` between eight of `host`; both must last as long. */
export function insertionArguments(source: string, host: string, output: string): string[] {
  const shape = "scale=640:360,setsar=1,fps=25,format=yuv420p";
  const graph = `[0:v]${shape}[a];[1:v]${shape}[b];[2:v]${shape}[c];[a][b][c]concat=n=3:v=1[v]`;
  const part = (file: string, startS: number, seconds: number) => [
    ...["-ss", String(startS)],
    ...["-t", String(seconds)],
    ...["-i", file],
  ];
  const inputs = [...part(host, 0, 4), ...part(source, 1, 5), ...part(host, 4, 4)];
  const encoded = ["-map", "[v]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "26", output];
  return ["-nostdin", "-v", "error", "-y", ...inputs, "-filter_complex", graph, ...encoded];
}
/** Shortest source and host of an insertion, seconds. */
export const INSERTION_MIN_S = { source: 6, host: 8 };
