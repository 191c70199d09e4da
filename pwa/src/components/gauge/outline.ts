/** A corner of the outline and how round it is; the first and last corners are its feet and stay sharp. */
export interface Corner {
  x: number;
  y: number;
  radius: number;
}

export interface PointOnOutline {
  x: number;
  y: number;
  /** Unit vector pointing away from the inside. */
  outX: number;
  outY: number;
}

export interface Outline {
  /** The path's `d`. */
  path: string;
  length: number;
  /** The point at a share, 0…1, of the length. */
  at(share: number): PointOnOutline;
}

/** The house that the gauge is drawn along: up the left wall, over the gable, down the right wall. */
export const house: Corner[] = [
  { x: 48, y: 300, radius: 0 },
  { x: 48, y: 158, radius: 74 },
  { x: 200, y: 44, radius: 64 },
  { x: 352, y: 158, radius: 74 },
  { x: 352, y: 300, radius: 0 },
];

type Piece = { length: number; at(along: number): PointOnOutline; path: string };

/** A line around rounded corners, moved outwards by `offset` and still parallel everywhere. */
export function createOutline(corners: Corner[], offset = 0): Outline {
  const points = offsetCorners(corners, offset);
  const start = points[0]!;
  const pieces: Piece[] = [];
  let pen = { x: start.x, y: start.y };
  for (let index = 1; index < points.length; index++) {
    const corner = points[index]!;
    const next = points[index + 1];
    const direction = unit(pen, corner);
    if (!next) {
      pieces.push(line(pen, corner));
      break;
    }
    const out = unit(corner, next);
    const turn = Math.acos(Math.min(1, direction.x * out.x + direction.y * out.y));
    const reach = corner.radius * Math.tan(turn / 2);
    const arcStart = { x: corner.x - direction.x * reach, y: corner.y - direction.y * reach };
    const arcEnd = { x: corner.x + out.x * reach, y: corner.y + out.y * reach };
    pieces.push(line(pen, arcStart), arc(arcStart, arcEnd, direction, corner.radius, turn));
    pen = arcEnd;
  }
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return {
    path: `M${round(start.x)} ${round(start.y)}${pieces.map((piece) => piece.path).join("")}`,
    length,
    at: (share) => {
      let along = Math.max(0, Math.min(1, share)) * length;
      for (const piece of pieces) {
        if (along <= piece.length || piece === pieces.at(-1)) return piece.at(along);
        along -= piece.length;
      }
      throw new Error("an outline has at least one piece");
    },
  };
}

interface Vector {
  x: number;
  y: number;
}

function line(from: Vector, to: Vector): Piece {
  const direction = unit(from, to);
  return {
    length: Math.hypot(to.x - from.x, to.y - from.y),
    path: `L${round(to.x)} ${round(to.y)}`,
    at: (along) => ({
      x: from.x + direction.x * along,
      y: from.y + direction.y * along,
      outX: direction.y,
      outY: -direction.x,
    }),
  };
}

// All turns are clockwise on the screen: the inside is always to the right of the way.
function arc(from: Vector, to: Vector, direction: Vector, radius: number, turn: number): Piece {
  const centre = { x: from.x - direction.y * radius, y: from.y + direction.x * radius };
  const startAngle = Math.atan2(from.y - centre.y, from.x - centre.x);
  return {
    length: radius * turn,
    path: `A${round(radius)} ${round(radius)} 0 0 1 ${round(to.x)} ${round(to.y)}`,
    at: (along) => {
      const angle = startAngle + along / radius;
      const outX = Math.cos(angle);
      const outY = Math.sin(angle);
      return { x: centre.x + outX * radius, y: centre.y + outY * radius, outX, outY };
    },
  };
}

function offsetCorners(corners: Corner[], offset: number): Corner[] {
  return corners.map((corner, index) => {
    const before = corners[index - 1];
    const after = corners[index + 1];
    const into = unit(before ?? corner, before ? corner : after!);
    const out = after ? unit(corner, after) : into;
    // Both edges move along their normals (y, -x); the corner moves along the bisector to where they meet.
    const spread = 1 + into.x * out.x + into.y * out.y;
    return {
      x: corner.x + (offset * (into.y + out.y)) / spread,
      y: corner.y - (offset * (into.x + out.x)) / spread,
      radius: corner.radius > 0 ? corner.radius + offset : 0,
    };
  });
}

function unit(from: Vector, to: Vector): Vector {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  return { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
