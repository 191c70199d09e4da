import type { Role } from "../../../hub/src/api/contract.ts";

// Drawn on a 24-unit grid with a 1.6-unit round line.
const paths = {
  now: "M4 11.2 12 4l8 7.2M6.2 9.6V20h11.6V9.6M12 12.2a2.4 2.4 0 0 0-1.3 4.4v.9h2.6v-.9a2.4 2.4 0 0 0-1.3-4.4Z",
  meters: "M5 20V8.5M12 20V4M19 20v-7M3 20h18",
  settings:
    "M4 7.5h9M17 7.5h3M4 16.5h3M11 16.5h9M15 5.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM9 14.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  search: "M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12ZM15 15l4.5 4.5",
  back: "M14.5 5.5 8 12l6.5 6.5",
  down: "M6 9.5l6 6 6-6",
  pencil: "M5 19l.8-3.8L15.6 5.4a1.6 1.6 0 0 1 2.3 0l.7.7a1.6 1.6 0 0 1 0 2.3L8.8 18.2 5 19ZM13.8 7.2l3 3",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  copy: "M9 9h10v10H9zM15 9V5H5v10h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  alert: "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.2",
  grid: "M7 21l3-18h4l3 18M8.2 14h7.6M9 9h6M5 9h14M4 14h16",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.8v2M12 19.2v2M2.8 12h2M19.2 12h2M5.5 5.5l1.4 1.4M17.1 17.1l1.4 1.4M18.5 5.5l-1.4 1.4M6.9 17.1l-1.4 1.4",
  circuit: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h3",
  plug: "M9 3v5M15 3v5M6.5 8h11v3.5a5.5 5.5 0 0 1-11 0V8ZM12 17v4",
  battery: "M4 8h14v8H4zM20.5 10.8v2.4M7.5 11v2M11 11v2",
  car: "M4 16.5v-4l2.2-5.3A2 2 0 0 1 8 6h8a2 2 0 0 1 1.8 1.2L20 12.5v4M4 12.5h16M4 16.5h16v2.2h-3v-2.2M7 16.5v2.2H4v-2.2M7.5 14.6h1M15.5 14.6h1",
  air: "M3.5 5h17v6.5h-17zM6.5 8.8h8M7.5 15c0 2-1.5 2-1.5 4M12 15c0 2-1.5 2-1.5 4M16.5 15c0 2-1.5 2-1.5 4",
  fridge: "M6.5 3h11v18h-11zM6.5 9.8h11M9.5 6v1.5M9.5 12.5v3",
  shower:
    "M4 21V6.5a3 3 0 0 1 6 0V8M6.5 11.5a3.5 3.5 0 0 1 7 0h-7ZM8 14.5v1.6M10 14.5v3.4M12 14.5v1.6M17 4c2 2.6 3 4 3 5.4a3 3 0 0 1-6 0C14 8 15 6.6 17 4Z",
  rice: "M4 10.5h16v4A5.5 5.5 0 0 1 14.5 20h-5A5.5 5.5 0 0 1 4 14.5v-4ZM3 10.5h18M6 10.5C6.5 7.5 9 6 12 6s5.5 1.5 6 4.5M12 6V4M10 15h4",
  washer: "M5 3h14v18H5zM5 7.5h14M8 5.3h1M12 10a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM9 14.5c1-.8 2 .8 3 0s2-.8 3 0",
  tv: "M3.5 5h17v11.5h-17zM8 20h8M12 16.5V20",
  pump: "M11 7a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM11 7h9v4M4.5 20.5h13M11 12.5l2.2-2.2M11 12.5l-3 .6M11 12.5l1.2 2.8",
  light: "M9 17.5h6M10 20.5h4M9 17.5v-1.3A6.3 6.3 0 1 1 15 16.2v1.3",
  fan: "M12 10.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM12 10.5C9.5 8 9.5 4 12.5 3.5s3.5 3.5.5 7.2M13.4 12.6c3.4-.9 6.8 1 5.8 3.9s-4.8 1.5-6.5-2.9M10.6 12.7c-.9 3.4-4.3 5.4-6.3 3.1s1-5 5.9-4.4",
  computer: "M4 5h16v10.5H4zM9 19.5h6M2.5 19.5h19",
  kettle: "M7 9h9l1.5 11h-12L7 9ZM16.5 11.5c2.5-.5 4 1 3.5 5M7.5 9C8 6.5 9.5 5.5 11.5 5.5S15 6.5 15.5 9M11.5 5.5V4",
  oven: "M4 5h16v14H4zM4 9.5h16M7 7.2h.5M10 7.2h.5M7.5 12.5h9v4h-9z",
  router: "M4 14h16v5.5H4zM7 16.8h.5M10 16.8h.5M16 14V9M13 6.5a4.3 4.3 0 0 1 6 0",
  rest: "M12 4.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM8.5 12h.2M12 12h.2M15.5 12h.2",
} as const;

export type IconName = keyof typeof paths;

/** A line icon in the colour of the text around it; the text beside it says what it means. Its size is in sixteenths of a rem. */
export function Icon(props: { name: IconName; size?: number }) {
  // In rem, as the root size grows on a wall display.
  const size = () => `${(props.size ?? 24) / 16}rem`;
  return (
    <svg
      aria-hidden="true"
      width={size()}
      height={size()}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      <path d={paths[props.name]} />
    </svg>
  );
}

// The first that matches wins: "rice cooker" before "cooker", "water heater" before "heater".
const guesses: [IconName, RegExp][] = [
  ["sun", /solar|inverter|\bpv\b|โซลา|โซล่า|แสงอาทิตย์/i],
  ["car", /\bev\b|wallbox|charger|\bcar\b|รถไฟฟ้า|ชาร์จรถ/i],
  ["air", /air.?con|\bac\b|aircon|แอร์|เครื่องปรับอากาศ|heat.?pump/i],
  ["fridge", /fridge|refriger|freezer|ตู้เย็น|ตู้แช่/i],
  ["shower", /shower|water.?heater|boiler|น้ำอุ่น|น้ำร้อน/i],
  ["rice", /rice|หุงข้าว/i],
  ["washer", /wash|laundry|dryer|ซักผ้า|อบผ้า|ล้างจาน/i],
  ["tv", /\btv\b|televi|โทรทัศน์|ทีวี/i],
  ["pump", /pump|ปั๊ม|ปั้ม/i],
  ["kettle", /kettle|coffee|กาต้มน้ำ|กระติก|กาแฟ/i],
  ["oven", /oven|microwave|stove|cook|hob|induction|เตา|ไมโครเวฟ/i],
  ["fan", /\bfan\b|พัดลม/i],
  ["computer", /computer|\bpc\b|laptop|desktop|office|คอม/i],
  ["router", /router|wifi|modem|nas\b|เราเตอร์/i],
  ["light", /light|lamp|bulb|ไฟส่อง|หลอดไฟ|โคมไฟ|ไฟหน้าบ้าน|แสงสว่าง/i],
];
const byRole: Record<Role, IconName> = {
  mains: "grid",
  circuit: "circuit",
  appliance: "plug",
  solar: "sun",
  battery: "battery",
  ev: "car",
};

/** The icon of what a channel measures: by its role where that is telling, else guessed from names and ids. */
export function guessIcon(role: Role, ...names: string[]): IconName {
  if (role !== "circuit" && role !== "appliance") return byRole[role];
  // Ids come as living_room-ac or LivingRoomAC; \b must see words.
  const text = names
    .join(" ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_\-/.]/g, " ");
  return guesses.find(([, pattern]) => pattern.test(text))?.[0] ?? byRole[role];
}
