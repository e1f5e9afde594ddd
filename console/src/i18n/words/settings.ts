// Words of a namespace's settings.
import { words } from "../words";

export const settingsWords = words(
  {
    autoScan: "Scan what is pushed",
    autoScanHelp:
      "Every image that comes is scanned without anybody asking. Turning it on has what is there scanned as well.",
    autoScanListed: "Scan what is new",
    autoScanListedHelp:
      "Every image that appears in the registry is scanned without anybody asking. Turning it on has what is there scanned as well.",
    public: "Anybody may see and pull",
    publicHelp: "Also without signing in. Policies hold for them as for everybody.",
    engine: "Engine that judges",
    engineOurs:
      "The scanner in this server: it reads packages out of images and asks this instance's own vulnerability database about them.",
    engineTrouble: "It cannot be used now:",
    refusal: "How a refused pull is answered",
    denied: "403 DENIED",
    deniedHelp: "Docker, containerd, podman and skopeo show the reason.",
    harbor: "412 PROJECTPOLICYVIOLATION, as Harbor does",
    harborHelp: "For tools that know Harbor. containerd does not show the reason of it.",
    quota: "Limit what it may hold",
    quotaHelp: "It holds {used} now: each layer once, and its manifests.",
    quotaNumber: "The most it may hold",
    quotaUnit: "Unit",
    quotaLittle: "It holds more than that already. Nothing is deleted, but pushes are refused.",
    delete: "Delete the namespace",
    deleteHelp: "Only one without repositories can be deleted.",
    deleteText:
      "Its settings, policy, exceptions, members, robots and webhooks are deleted. What uses them can no longer sign in.",
  },
  {
    autoScan: "推送时自动扫描",
    autoScanHelp: "每个推送的镜像都会自动扫描，无需请求。开启后，已有但尚未扫描的镜像也会被扫描。",
    autoScanListed: "自动扫描新镜像",
    autoScanListedHelp: "镜像仓库中新出现的每个镜像都会自动扫描。开启后，已有但尚未扫描的镜像也会被扫描。",
    public: "任何人可查看和拉取",
    publicHelp: "无需登录。策略同样对其生效。",
    engine: "裁决引擎",
    engineOurs: "本服务器内置的扫描器：从镜像中读取软件包，并查询本系统自己的漏洞数据库。",
    engineTrouble: "目前无法使用：",
    refusal: "拒绝拉取时的应答",
    denied: "403 DENIED",
    deniedHelp: "Docker、containerd、podman 和 skopeo 会显示原因。",
    harbor: "412 PROJECTPOLICYVIOLATION（与 Harbor 相同）",
    harborHelp: "适用于依赖 Harbor 的工具。containerd 不显示其原因。",
    quota: "限制存储量",
    quotaHelp: "目前占用 {used}：每个层只计一次，另加清单。",
    quotaNumber: "存储上限",
    quotaUnit: "单位",
    quotaLittle: "当前占用已超过此上限。不会删除内容，但会拒绝推送。",
    delete: "删除命名空间",
    deleteHelp: "只有不含仓库的命名空间才能删除。",
    deleteText: "其设置、策略、例外、成员、机器人账户和 Webhook 将一并删除，使用它们的程序将无法登录。",
  },
);
