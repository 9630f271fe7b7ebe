package portkey
import ("testing";"fmt";"strings";"time";"encoding/json")
func TestProbe(t *testing.T){
 v,err:=ofUnion(decodeTool)([]byte(`{"type":"","name":"a"}`)); fmt.Printf("%T %v\n",v,err)
 for _,n:=range []int{1000,3000,9000,4990}{
  data:=[]byte(strings.Repeat(`{"content":[`,n)+`{"type":"text","text":""}`+strings.Repeat(`],"tool_use_id":"i","type":"tool_result"}`,n))
  s:=time.Now(); _,err:=UnmarshalContentBlock(data); el:=""; if err!=nil{el=err.Error()}; fmt.Println(n,len(data),time.Since(s),len(el))
 }
 data:=[]byte(strings.Repeat(`{"content":[`,200000))
 s:=time.Now(); _,err=UnmarshalContentBlock(data); fmt.Println(time.Since(s),len(err.Error()))
 data=[]byte(`{"type":"zz","a":`+strings.Repeat(`[`,200000))
 s=time.Now(); _,err=UnmarshalContentBlock(data); fmt.Println(time.Since(s),len(err.Error()), err.Error()[:100])
 data=[]byte(strings.Repeat(`{"type":"tool_result","content":[`,200000))
 s=time.Now(); _,err=UnmarshalContentBlock(data); fmt.Println(time.Since(s),len(err.Error()), err.Error()[:100])
 for _,d:=range []string{`{"type":"image"}`,`{"type":"text","type":"image"}`,`{"type":"image","source":{},"type":"text"}`,`{"type":"text","text":"a","text":null}`,`{"type":"bash_20250124","name":"x","type":"custom"}`}{
  v,err:=UnmarshalContentBlock([]byte(d)); b,e2:=json.Marshal(v); fmt.Printf("%s -> %T %v %s %v\n",d,v,err,b,e2)
 }
 // nested blocks in go: cyclic
 var u struct{U Usage; B TextBlock}
 fmt.Println(json.Unmarshal([]byte(`{"U":null}`),&u))
 var sys System; fmt.Println(json.Unmarshal([]byte(`null`),&sys))
 var ks struct{A ContentBlock}
 fmt.Println(json.Unmarshal([]byte(`{"A":{"type":"text"}}`),&ks))
 // count extra
 r:=MessageRequest{Extra: map[string]json.RawMessage{"max_tokens":json.RawMessage(`5`),"temperature":json.RawMessage(`1`)}}
 b,err:=r.body(2); fmt.Println(string(b),err)
 // escaped key path
 _,err=UnmarshalContentBlock([]byte(`{"type":"tool_result","cont\u0065nt":[{"type":"text","te\u0078t":5}]}`)); fmt.Println(err)
 _,err=UnmarshalContentBlock([]byte(`{"type":"text","cach\u0065_control":{"ttl":"\u0041\u0041\u0041\u0041\u0041\u0041","type":5}}`)); fmt.Println(err)
}
